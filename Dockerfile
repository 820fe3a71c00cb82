# Headwater's image: one for all roles; the command says which. It needs a PostgreSQL (DATABASE_URL).
FROM python:3.11-slim AS packages
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev libldap2-dev libsasl2-dev \
 && rm -rf /var/lib/apt/lists/*
COPY requirements/base.txt requirements/ldap.txt requirements/sources.txt /requirements/
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r /requirements/base.txt -r /requirements/ldap.txt -r /requirements/sources.txt

FROM python:3.11-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends libldap-2.5-0 libsasl2-2 \
 || apt-get install -y --no-install-recommends libldap2 libsasl2-2 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --home-dir /var/lib/headwater --create-home headwater \
 && install -d -o headwater -g headwater /srv/incoming
COPY --from=packages /venv /venv
COPY . /app
RUN python -m compileall -q /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HEADWATER_HOME=/var/lib/headwater \
    HOST=0.0.0.0 \
    LOG_FORMAT=json
USER headwater
VOLUME /var/lib/headwater
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '8000') + '/health/live', timeout=4)"]
CMD ["python", "manage.py", "serve"]
